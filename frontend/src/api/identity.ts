const mask = "•••";

/** An identity that a person at the next desk cannot read: a•••@gmail.com, 138•••78. */
export function maskIdentity(identity: string): string {
  const at = identity.lastIndexOf("@");
  if (at > 0) return identity.slice(0, 1) + mask + identity.slice(at);
  if (identity.length < 6) return identity.slice(0, 1) + mask;
  return identity.slice(0, 3) + mask + identity.slice(-2);
}

/** A name is the person's own choice, and masked only where it is an address. */
export function maskName(name: string): string {
  return /\S@\S/.test(name) ? maskIdentity(name) : name;
}
