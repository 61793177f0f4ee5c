"""Use cases: what happens when a person does something; screens, cookies and clocks are left to the edges."""
