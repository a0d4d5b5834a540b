"""The teacher."""
