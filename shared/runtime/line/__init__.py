"""A line service put together: from what a line declares and what the county's pack says."""
