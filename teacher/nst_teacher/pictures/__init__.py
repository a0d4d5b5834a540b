"""What goes in and comes out: photographs, masks, colours, starts, sheets."""
