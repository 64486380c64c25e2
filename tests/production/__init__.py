"""What only the product in production mode shows: its cookies and headers, and the weight of its pages."""
