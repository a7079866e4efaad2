// Package access decides who may do what at the desk: one table, role × action ×
// object. It is pure. Storage filters by the domain.Scope it gives, so that a
// page that forgets to ask still shows nothing that is not its reader's.
package access
