"""Chapter on optimisation: four levers, the ladder, search, smaller and faster networks, two processes, export."""
