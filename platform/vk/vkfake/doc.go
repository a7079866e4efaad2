// Package vkfake is a VK that runs on a plain net/http server. It keeps a small
// world of walls, posts, comments and dialogs and shows it the way VK does,
// inconveniences included: offsets that shift while you page, the pinned post
// first however old, threads, deleted comments without author and text, a search
// that shows a part of what there is, error bodies under HTTP 200, quotas, long
// polls that fail, callbacks that come twice, lines that break in the middle.
//
// Posts and comments dated in the future of the clock appear when it gets there.
// What left the fake in a complete answer is in the ledger.
package vkfake
