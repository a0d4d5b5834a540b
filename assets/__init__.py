"""Pictures of the project's own, and the programs that draw them."""
