/** A PostgreSQL server for the database tests. */
export interface Place {
  /** Connection string of a superuser, to a database that always exists. */
  superuserUrl: string;
  /** Ends what was started for the place; a server that somebody else runs goes on. */
  stop(): Promise<void>;
}
