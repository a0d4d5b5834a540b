"""What a picture is asked for: the judges, the terms and their weights."""
