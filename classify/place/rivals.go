package place

import (
	"slices"
	"strings"
)

// rival is a municipality that the text names, one of several.
type rival struct {
	id       string
	mentions []int
	standing standing // the best of them
	contrast bool
}

// settle says, of a text that names several municipalities, which one the problem
// is in, and leaves of streets and mentions those that belong to it. With one or
// none all stay.
func (r *resolver) settle(w *Work, problem func() []int) ([]found, []mention) {
	rivals := r.named(w)
	if len(rivals) < 2 {
		return w.streets, w.mentions
	}
	var told []int
	if problem != nil {
		told = problem()
	}
	chosen, sure := r.between(w, rivals, told)
	r.disputed = !sure
	r.rivals = append(r.rivals, rivals[chosen].id)
	for i := range rivals {
		if i != chosen {
			r.rivals = append(r.rivals, rivals[i].id)
		}
	}
	return r.leave(w, rivals[chosen].id)
}

// putRivals tells of the municipalities that were passed over.
func (r *resolver) putRivals() {
	if len(r.rivals) > 1 && r.place.Municipality == r.rivals[0] {
		r.place.Candidates, r.place.Disputed = r.rivals, r.disputed
	}
}

// named are the municipalities that towns and districts of the text name beyond
// doubt, in the text's order. A name with several bearers is left to the others.
func (r *resolver) named(w *Work) []rival {
	var list []rival
	for i := range w.mentions {
		m := &w.mentions[i]
		id := r.municipalityOf(m)
		if id == "" {
			continue
		}
		at := slices.IndexFunc(list, func(have rival) bool { return have.id == id })
		if at < 0 {
			at = len(list)
			list = append(list, rival{id: id})
		}
		have := &list[at]
		have.mentions = append(have.mentions, i)
		have.standing = max(have.standing, m.standing)
		have.contrast = have.contrast || m.contrast
	}
	return list
}

// municipalityOf is the one municipality a town's name stands for, "" when it may
// stand for several and none of them is the source's home.
func (r *resolver) municipalityOf(m *mention) string {
	id := ""
	for _, t := range m.targets {
		if t.kind != settlement && t.kind != municipality {
			continue
		}
		if t.m.ID == r.home {
			return r.home
		}
		if id != "" && id != t.m.ID {
			return ""
		}
		id = t.m.ID
	}
	return id
}

// between chooses: the best standing, then what the words of the problem stand by,
// then what is set against the rest. What is not sure says so.
func (r *resolver) between(w *Work, rivals []rival, problem []int) (chosen int, sure bool) {
	best := standing(0)
	for i := range rivals {
		best = max(best, rivals[i].standing)
	}
	var top []int
	for i := range rivals {
		if rivals[i].standing == best {
			top = append(top, i)
		}
	}
	told, heard := w.stoodBy(rivals, problem)
	if len(top) == 1 {
		agree := heard && told == top[0]
		switch {
		case w.inOneBreath(&rivals[top[0]], rivals):
			return r.first(rivals, top), false
		case best == here:
			return top[0], true
		case best == plain:
			return top[0], agree || told < 0
		}
		return top[0], agree && best == atHome
	}
	if w.inOneBreath(&rivals[top[0]], rivals) {
		return r.first(rivals, top), false
	}
	against := slices.IndexFunc(top, func(i int) bool { return rivals[i].contrast })
	switch {
	case heard && told >= 0 && slices.Contains(top, told):
		return told, against < 0 || top[against] == told
	case heard && told < 0 && against >= 0:
		return top[against], true
	}
	return r.first(rivals, top), false
}

// first is the source's home among the best, else the first named.
func (r *resolver) first(rivals []rival, top []int) int {
	for _, i := range top {
		if rivals[i].id == r.home {
			return i
		}
	}
	return top[0]
}

// inOneBreath: a mention of the rival and one of another stand side by side, with
// nothing but prepositions and commas between: «в Хабаровске и Комсомольске»,
// «Хабаровск – Комсомольск», «из Хабаровска в Бикин». Who comes from there («я
// из …») names no route.
func (w *Work) inOneBreath(one *rival, all []rival) bool {
	for _, i := range one.mentions {
		for k := range all {
			if all[k].id == one.id {
				continue
			}
			for _, j := range all[k].mentions {
				a, b := &w.mentions[min(i, j)], &w.mentions[max(i, j)]
				if w.sideBySide(a, b) {
					return true
				}
			}
		}
	}
	return false
}

func (w *Work) sideBySide(a, b *mention) bool {
	if a.standing == beside || b.standing == beside {
		return false
	}
	for k := a.last + 1; k <= b.first; k++ {
		if w.words[k].start {
			return false
		}
		if k == b.first {
			break
		}
		switch w.words[k].text {
		case "и", "в", "во", "или", "да", "из", "до", "на", "г", "город", "с", "п", "также", "городе", "поселке", "селе":
		default:
			return false
		}
	}
	if (a.passing || b.passing) && w.personMoves(a) {
		return false
	}
	return a.standing == b.standing || a.standing >= plain && b.standing >= plain || a.passing || b.passing
}

// personMoves: «приехали из Бикина», «я из Бикина»: somebody, not a road or a bus.
func (w *Work) personMoves(m *mention) bool {
	for k := m.first - 1; k >= 0 && m.first-k <= back && !w.words[k+1].start; k-- {
		if isWe(w.words[k].text) || isMoving(w.words[k].text) {
			return true
		}
	}
	return false
}

func isMoving(w string) bool {
	switch w {
	case "еду", "едем", "ехал", "ехала", "ехали", "езжу", "ездим", "ездил", "ездила", "ездили",
		"добираюсь", "добираемся", "уехал", "уехала", "уехали":
		return true
	}
	return isArrival(w)
}

// isArrival: somebody has come, and what follows happens there.
func isArrival(w string) bool {
	for _, stem := range []string{"приехал", "приезжа", "переехал", "вернул", "перебрал", "прилетел", "прибыл"} {
		if strings.HasPrefix(w, stem) {
			return true
		}
	}
	return false
}

// Distances in words; a mark of punctuation or the end of a sentence counts for
// so many.
const (
	clauseCost   = 4
	sentenceCost = 20
	clearLead    = 2 // by how much a name must stand nearer
)

// stoodBy is the rival by which all words of the problem stand, -1 when they are
// parted or none is clearly nearer. heard: there were such words.
func (w *Work) stoodBy(rivals []rival, problem []int) (which int, heard bool) {
	which = -1
	for _, token := range problem {
		at := slices.IndexFunc(w.words, func(x word) bool { return int(x.token) == token })
		if at < 0 {
			continue
		}
		near, lead := w.nearest(rivals, at)
		if lead < clearLead {
			continue
		}
		if heard && near != which {
			return -1, true
		}
		which, heard = near, true
	}
	return which, heard
}

// nearest is the rival nearest to the word, and by how much the next one is
// farther off.
func (w *Work) nearest(rivals []rival, at int) (which, lead int) {
	best, second := 1<<30, 1<<30
	for i := range rivals {
		cost := 1 << 30
		for _, m := range rivals[i].mentions {
			if w.mentions[m].standing != beside {
				cost = min(cost, w.distance(at, w.mentions[m].first, w.mentions[m].last))
			}
		}
		switch {
		case cost < best:
			which, best, second = i, cost, best
		case cost < second:
			second = cost
		}
	}
	return which, second - best
}

func (w *Work) distance(at, first, last int) int {
	from, to := at, first
	if at > last {
		from, to = last, at
	}
	cost := to - from
	for k := from + 1; k <= to; k++ {
		switch x := &w.words[k]; {
		case x.start && !x.dot:
			cost += sentenceCost
		case x.stop && !x.dot && !x.hyphen && !x.slash:
			cost += clauseCost
		}
	}
	return cost
}

// leave keeps what belongs to a municipality: the names that may stand for it, and
// the streets that do not stand by a name of another.
func (r *resolver) leave(w *Work, id string) ([]found, []mention) {
	of := func(m *mention) bool {
		return slices.ContainsFunc(m.targets, func(t target) bool { return t.m != nil && t.m.ID == id })
	}
	var mentions []mention
	for i := range w.mentions {
		if of(&w.mentions[i]) {
			mentions = append(mentions, w.mentions[i])
		}
	}
	var streets []found
	for _, f := range w.streets {
		var by *mention
		least := sentenceCost
		for i := range w.mentions {
			m := &w.mentions[i]
			if cost := w.distance(f.first, m.first, m.last); m.isTown() && cost < least {
				by, least = m, cost
			}
		}
		if by == nil || of(by) {
			streets = append(streets, f)
		}
	}
	return streets, mentions
}
