"""From a step to a finished codec or style: settings, loop, optimizers, sessions."""
