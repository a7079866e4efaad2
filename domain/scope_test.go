package domain_test

import (
	"testing"

	"github.com/otklik/otklik/domain"
)

func TestScopeSees(t *testing.T) {
	mine := domain.Case{Region: "r", AgencyID: "a"}
	nobodys := domain.Case{Region: "r"}
	secret := domain.Case{Region: "r", AgencyID: "a", Restricted: true}
	for name, c := range map[string]struct {
		scope domain.Scope
		of    domain.Case
		want  bool
	}{
		"zero sees nothing":               {domain.Scope{}, mine, false},
		"zero sees no zero case":          {domain.Scope{Whole: true, Restricted: true}, domain.Case{}, false},
		"a region without bodies":         {domain.Scope{Region: "r"}, mine, false},
		"nobody's case without bodies":    {domain.Scope{Region: "r", Agencies: []string{""}}, nobodys, false},
		"own body":                        {domain.Scope{Region: "r", Agencies: []string{"b", "a"}}, mine, true},
		"another body":                    {domain.Scope{Region: "r", Agencies: []string{"b"}}, mine, false},
		"whole region":                    {domain.Scope{Region: "r", Whole: true}, nobodys, true},
		"another region":                  {domain.Scope{Region: "q", Whole: true, Restricted: true}, mine, false},
		"restricted, not named for it":    {domain.Scope{Region: "r", Whole: true}, secret, false},
		"restricted, named for it":        {domain.Scope{Region: "r", Whole: true, Restricted: true}, secret, true},
		"restricted of one's body, named": {domain.Scope{Region: "r", Agencies: []string{"a"}, Restricted: true}, secret, true},
	} {
		if got := c.scope.Sees(c.of); got != c.want {
			t.Errorf("%s: sees %v, want %v", name, got, c.want)
		}
	}
}
