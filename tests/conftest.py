"""What every test shares: no telemetry, no machine state outside the test's own folder."""
