package page

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strconv"
)

// Watch is what an open page shows, so that its script (live.js) can tell when it
// has changed. Show it with {{template "watch" .Watch}}.
type Watch struct {
	Case string // number of the case shown; "all": a list of them
	At   string // where the page is read
	Mark string // of what it shows
}

// Watching is a Watch of a case, 0 for a list, that is read at an address. Shown is
// what stands on the page; words that change by themselves must not be in it.
func Watching(caseID int64, at string, shown ...any) Watch {
	w := Watch{Case: "all", At: at}
	if caseID != 0 {
		w.Case = strconv.FormatInt(caseID, 10)
	}
	b, err := json.Marshal(shown)
	if err != nil {
		return Watch{} // nothing is watched
	}
	sum := sha256.Sum256(b)
	w.Mark = hex.EncodeToString(sum[:12])
	return w
}

// Headers of the question of an open page, whether it still shows what is, and of
// the answer.
const (
	seenHeader    = "Desk-Seen"
	changedHeader = "Desk-Changed"
)

// Asked answers an open page that asks whether what it shows has changed; false
// when the page itself is wanted.
func (r *Request) Asked(w Watch) bool {
	seen := r.Header.Get(seenHeader)
	if seen == "" {
		return false
	}
	changed := "no"
	if seen != w.Mark {
		changed = "yes"
	}
	r.W.Header().Set(changedHeader, changed)
	r.W.WriteHeader(http.StatusNoContent)
	return true
}
