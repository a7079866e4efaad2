// Package proof holds the tests of the whole program: the built binary against
// the fake platforms, real PostgreSQL and real Redis, killed, frozen and starved
// at the worst moments. It has no code of its own.
package proof
