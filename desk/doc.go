// Package desk is the web workplace. Its pages live in the folders below; this
// one holds the test that walks every route as every role.
package desk
