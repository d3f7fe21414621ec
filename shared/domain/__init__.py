"""The pure domain: problems, tasks, responsibilities and the rules of their lives. No I/O."""
