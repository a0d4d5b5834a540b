"""Pictures: from files to arrays and back."""
