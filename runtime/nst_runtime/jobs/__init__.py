"""Files and folders of pictures, stylised one after another."""
