"""Pictures a few rows at a time: read and written without ever holding the whole of them."""
