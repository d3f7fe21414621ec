"""The stream worker of a line: Faust reads, our own code handles, acknowledges and gives up.

`worker.Worker` runs `record.Subscription`s; `commands.command_subscription` is the one for commands.
"""
