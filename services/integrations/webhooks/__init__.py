"""Events to partners: who wants which, signed deliveries, their log, and sending again."""
