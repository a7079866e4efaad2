// Package vkingest brings posts in from VK: walls with their comments, searches,
// Bots Long Poll and the Callback API of own communities.
//
// Every puller can be repeated at any moment: what it has read is told by the
// source's cursor, which is committed together with the posts. Delivery is at
// least once; the identity (owner, post, comment) makes repetitions harmless.
package vkingest
