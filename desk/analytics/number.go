package analytics

import (
	"errors"
	"regexp"
	"strconv"
	"strings"

	"github.com/otklik/otklik/desk/access"
	"github.com/otklik/otklik/desk/page"
	"github.com/otklik/otklik/domain"
)

func casePath(id int64) string { return "/case/" + strconv.FormatInt(id, 10) }

// numberForm: 27-2026-000034, 2026-34, 000034, 34, with or without №. Dashes are
// written in many ways.
var numberForm = regexp.MustCompile(`^(№|N|#)?\s*(?:(\d{2})[-–—‑ ])?(?:(20\d{2})[-–—‑ ])?(\d{1,9})$`)

// shortNumber is what somebody typed of a case's number. A bare number may as well be
// a house or a school: it is not sure.
type shortNumber struct {
	code, n string
	year    int // 0: this one
	sure    bool
}

func readNumber(words string) (shortNumber, bool) {
	m := numberForm.FindStringSubmatch(strings.TrimSpace(words))
	if m == nil || m[2] != "" && m[3] == "" {
		return shortNumber{}, false
	}
	n := shortNumber{code: m[2], n: strings.TrimLeft(m[4], "0")}
	n.year, _ = strconv.Atoi(m[3])
	n.sure = m[1] != "" || m[3] != "" || len(m[4]) >= 6 && m[4][0] == '0'
	return n, n.n != ""
}

// numbered finds the case whose number the words are, in ПОС and СЭД too; the zero
// case when the reader sees none. sure: the words can be nothing else.
func (p *Pages) numbered(r *page.Request, words string) (found domain.Case, sure bool, err error) {
	scope := r.ScopeFor(access.SeeCase)
	short, ok := readNumber(words)
	if !strings.ContainsAny(words, "0123456789") || strings.ContainsAny(words, " \t") && !ok {
		return found, false, nil
	}
	if found, err = p.Store.CaseByNumber(r.Context(), scope, strings.TrimSpace(words)); err == nil {
		return found, !ok || short.sure, nil
	}
	if !errors.Is(err, domain.ErrNotFound) || !ok {
		return found, false, ignoreMissing(err)
	}
	if short.year == 0 {
		short.year = r.Now.In(r.Region.Zone).Year()
	}
	found, err = p.Store.CaseByShort(r.Context(), scope, short.year, short.n)
	if err == nil && short.code != "" && !strings.HasPrefix(found.Number, short.code+"-") { // of another region
		found = domain.Case{}
	}
	return found, short.sure, ignoreMissing(err)
}

func ignoreMissing(err error) error {
	if errors.Is(err, domain.ErrNotFound) {
		return nil
	}
	return err
}
