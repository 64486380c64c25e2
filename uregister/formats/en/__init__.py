"""English, in the order of days and months that Greece uses."""
