"""Reports as files: Word and Excel."""
