"""How each network is built, of tensors or from a seed; nst_features.networks lists them."""
