"""Kinds of rules that several lines have: each line gives them its own signals and limits."""
