/** Stands in for `cloudflare:email`, which the agents SDK imports for what no bench does. */
export class EmailMessage {}
