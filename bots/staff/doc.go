// Package staff is the part of the bot that people of the desk talk to: what
// their messages mean, and every text they read. It is pure; storage does what
// they ask for, under the desk's own rules of access.
//
// A chat that is linked stays a citizen's chat as well: what is nothing of the
// desk's goes the way of any other private message.
package staff
