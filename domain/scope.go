package domain

import "slices"

// Scope is what somebody may see: every reading and writing of the desk takes
// one, and storage filters by it. The zero value sees nothing.
type Scope struct {
	Region string
	// Whole: every case of the region, with or without a body. Otherwise only
	// cases of Agencies.
	Whole    bool
	Agencies []string // ids, subordinates included
	// Restricted: restricted cases too (corruption, medical secrets).
	Restricted bool
	// RestrictedRows of the decree: a post about one that is no case yet is as
	// restricted as a case of it.
	RestrictedRows []int
}

// Sees reports whether a case lies in the scope.
func (s Scope) Sees(c Case) bool {
	if s.Region == "" || c.Region != s.Region || c.Restricted && !s.Restricted {
		return false
	}
	return s.Whole || c.AgencyID != "" && slices.Contains(s.Agencies, c.AgencyID)
}

// Within is what lies in both scopes; the zero scope when nothing does.
func (s Scope) Within(o Scope) Scope {
	out := Scope{Region: s.Region, Whole: s.Whole && o.Whole, Restricted: s.Restricted && o.Restricted,
		RestrictedRows: slices.Concat(s.RestrictedRows, o.RestrictedRows)}
	slices.Sort(out.RestrictedRows)
	out.RestrictedRows = slices.Compact(out.RestrictedRows)
	switch {
	case s.Region == "" || s.Region != o.Region:
		return Scope{}
	case out.Whole:
		return out
	case s.Whole:
		out.Agencies = slices.Clone(o.Agencies)
	case o.Whole:
		out.Agencies = slices.Clone(s.Agencies)
	default:
		for _, id := range s.Agencies {
			if slices.Contains(o.Agencies, id) {
				out.Agencies = append(out.Agencies, id)
			}
		}
	}
	if len(out.Agencies) == 0 {
		return Scope{}
	}
	return out
}
