"""MongoDB behind the application's ports. Motor is used here and nowhere else.

The engine may be one without sessions, transactions and change streams: everything is a write to
one document, guarded by what was read.
"""
