/** The database engines a host can run on. */
export type Engine = 'sqlite' | 'postgres'
