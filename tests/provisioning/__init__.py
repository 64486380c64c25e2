"""Workers and a real directory server, which fails, is changed by others, or is not alone."""
