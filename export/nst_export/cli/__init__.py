"""The command line of the export."""
