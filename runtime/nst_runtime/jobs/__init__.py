"""Pictures in files, folders and streams: what is to be read and written, and the work itself."""
