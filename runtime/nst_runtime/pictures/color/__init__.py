"""Colors: profiles, colors named by numbers, and more than 8 bits."""
