"""Files as they are stored: what is in them beside the pixels, damage that is passed over, and how they are opened."""
