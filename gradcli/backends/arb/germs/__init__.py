"""Programs beside a point, proven all the way to it: germs, and a tape evaluated in them."""
