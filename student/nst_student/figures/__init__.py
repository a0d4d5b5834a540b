"""What banks have learnt and how: responses, reconstructions, optimizers side by side."""
