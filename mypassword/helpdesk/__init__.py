"""The helpdesk: finds people, sees them masked, verifies callers, opens the way to a new password.

`reach` says who is seen and who may be acted on, `search` finds, `sheet` is what the page of a person shows, `acts`
is what can be done, each act with a reason and in the audit trail.
"""
