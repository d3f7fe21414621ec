"""The office's own ledgers: what the columns of 责任清单, 任务清单 and 问题清单 mean, both ways."""
