// Package proof holds the tests of the whole program: the built binary against
// the fake platforms, real PostgreSQL and real Redis, killed, frozen and starved
// at the worst moments. It has no code of its own.
//
// The proofs with many workers' doings in one process run the program with the
// race detector; those of kills, outages and times run it as it is shipped.
package proof
