// Package bots talks with citizens in private chats: community messages of VK,
// dialogs of MAX, private chats of Telegram. It is pure: a dialog as it stands,
// one update, the time and the facts of a region's pack give the words to say,
// the dialog as it is afterwards, and whether the message is a post like any
// other, with a named reason. Storage asks it inside the commit.
//
// Before a citizen agrees nothing of what they write is kept (152-ФЗ; law.md §4):
// the keyed hash of the chat and that of the message's identity. The question about
// consent is said by the process that has the update in hand.
package bots
