"""What trainings are told: every setting with its default, and recipes, which are settings that go together."""
