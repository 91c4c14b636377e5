"""The inspector: what is selected, with the values it has and the fields to change them."""
