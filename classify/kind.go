package classify

import (
	"math"
	"strings"

	"github.com/otklik/otklik/classify/text"
	"github.com/otklik/otklik/domain"
)

// kindGroups are the matcher's groups of signals.yaml.
type kindGroups struct {
	problem, thanks, other groupID

	voice groupID // the writer's own: appeals, questions, first person; adds to problem
	calm  groupID // takes the urgency out of a danger

	mockery groupID // of thanks
}

// kindScore is what speaks for each kind.
type kindScore struct {
	problem, thanks, other float64

	margin      float64 // by how much the phrases make it a problem
	thankMargin float64 // the same of thanks
	voiced      bool    // a complaint is put in words
	learned     bool    // the scales have a say
	long        bool    // too many words for them
}

// subject is what the topics say before the kind is known.
type subject struct {
	topics float64 // best score of a topic's phrases
	praise float64 // the same of praise
	like   float64 // best likeness to a topic
}

// kindOf tells problem, thanks and other apart: the phrases decide, and in a
// short text they are joined with what the scales learned.
func (c *Classifier) kindOf(m *match, d *text.Doc, learned *opinion, sub subject, signs signs, alarm alarm) (domain.Kind, kindScore) {
	voice := m.total(c.kinds.voice) + c.words.shapeOfVoice(d)
	complaint := voice + m.total(c.kinds.problem)
	if len(d.Words) <= shortText && hasRefusal(d) {
		complaint += refusalWeight
	}
	other := m.total(c.kinds.other) + c.words.shapeOfOther(d)
	if voice < heard && c.words.hasReport(d) {
		other += reportWeight
	}
	said := saidWords(m, d)
	k := kindScore{
		problem: complaint + topicWeight(sub.topics, voice, said, complaint < quietBelow && other >= marked),
		thanks:  m.total(c.kinds.thanks) + sub.praise,
		other:   other,
	}
	if alarm.hinted && (voice > heard || len(d.Words) <= tollFree || other < reported && !alarm.learned) {
		k.problem += dangerWeight + min(mostClear, alarm.clear/2)
	}
	against := complaint       // the words of praise are those of the complaint's topic
	if d.Shape.Questions > 0 { // «спасибо, а когда …?» wants an answer
		against++
	}
	k.voiced = complaint >= heard
	k.margin = k.problem - k.other - c.problemScore() - lengthToll(said, voice) + plainBonus(d, sub.like)
	k.thankMargin = k.thanks - max(against, k.other)
	k.learned = learned.pieceWords > 0 && len(d.Words) >= leastJoined && len(d.Words) <= tollFree
	k.long = len(d.Words) > tollFree
	switch {
	case alarm.danger != nil && said <= tollFree && other <= 0:
		return domain.Problem, k // a danger found is never lost
	case !k.learned:
		return k.byPhrases(), k
	}
	return k.join(&signs), k
}

func (k *kindScore) byPhrases() domain.Kind {
	switch {
	case k.thanks >= nameScore && k.thankMargin > 0:
		return domain.Thanks
	case k.margin >= 0:
		return domain.Problem
	}
	return domain.Other
}

// Where the scales have a say. They learned from short sentences, and a few words
// are like anything.
const (
	leastJoined = 3 // words

	otherFrom   = 1.0  // odds of other from which it is
	voicedFrom  = 1.2  // the same where a complaint is put in words
	askedFrom   = 2.0  // the same of a plain question: who asks where offices read wants an answer
	ornateFrom  = -1.0 // where links or typesetting show that somebody publishes
	thanksLeast = -1.0
	sureMargin  = 3 // of the phrases, from which a complaint in words is one
)

// join decides a short text.
func (k *kindScore) join(signs *signs) domain.Kind {
	signs[signMargin], signs[signThankMargin] = bounded(k.margin), bounded(k.thankMargin)
	phrases := k.byPhrases()
	thanks, other := signs.weigh(thanksWeights()), signs.weigh(otherWeights())
	least := 0.0
	switch {
	case phrases == domain.Problem && signs[signQuestion] > 0 && signs[signOrnament] <= 0 && signs[signReport] <= 0:
		least = askedFrom
	case phrases == domain.Problem && k.voiced:
		least = voicedFrom
	case phrases == domain.Problem:
		least = otherFrom
	case signs[signOrnament] > 0:
		least = ornateFrom
	}
	switch {
	case thanks > 0, phrases == domain.Thanks && thanks > thanksLeast:
		return domain.Thanks
	case phrases == domain.Problem && k.voiced && k.margin >= sureMargin:
		return domain.Problem
	case phrases != domain.Thanks && other > least:
		return domain.Other
	}
	return domain.Problem
}

// topicWeight is what the best topic adds to the problem: whoever names it
// clearly need not call it one. In a long text in which nobody speaks for
// himself a topic counts for less: news has topics too.
const (
	topicRate = 0.7
	mostTopic = 4.0

	// A text that bears the marks of news or advertising and in which nothing is
	// complained of is not made a problem by what it is about.
	quietBelow = 0.7
	marked     = 2.0
	quietTopic = 2.0
)

func topicWeight(score, voice float64, words int, quiet bool) float64 {
	most := mostTopic
	if quiet {
		most = quietTopic
	}
	if words > tollFree && voice < heard {
		most = nameScore
	}
	return topicRate * min(score, most)
}

func (c *Classifier) problemScore() float64 {
	if t := c.pack.Region.Thresholds.ProblemScore; t > 0 {
		return t
	}
	return 1
}

// plainBonus is what a short text without any ornament of publishing is let off:
// so write people who have something to say and no time. The more it is like the
// authors' sentences, which are all complaints, the more.
const (
	plainWeight = 0.5
	plainFrom   = 0.1 // news is hardly ever liker
	plainRate   = 10.0
	plainMost   = 1.5
)

func plainBonus(d *text.Doc, like float64) float64 {
	s := &d.Shape
	plain := s.Links+s.LatinWords+s.Dashes+s.Bold+s.Hashtags+s.Accounts == 0 && !s.Heading && s.Paragraphs < 2
	if plain && len(d.Words) <= shortText {
		return min(plainMost, plainWeight+plainRate*max(0, like-plainFrom))
	}
	return 0
}

// dangerWeight is what a named danger adds: who cries for help forgets to be
// polite. Longer texts with the marks of news in which nobody speaks get none: news
// of accidents must not become a case.
const (
	dangerWeight = 2.0
	mostClear    = 1.0
	reported     = 1.2 // marks of news from which a long voiceless text is a report
)

// Length toll: the longer a text, the more words of a complaint it holds by
// chance. Up to tollFree words nothing is asked, then tollVoice for each
// doubling, or tollMute where nobody speaks in his own name.
const (
	tollFree  = 16
	tollVoice = 0.35
	tollMute  = 0.8
	heard     = 0.7 // voice from which somebody speaks
)

// cried is how many times over a text says its words when it is one cry again and
// again; what people write at length comes to three at most.
const cried = 4

// saidWords is the number of words, and of different ones where a cry is repeated:
// who writes «яма на дороге» twenty times has not written at length.
func saidWords(m *match, d *text.Doc) int {
	n := len(d.Words)
	if n <= tollFree {
		return n
	}
	if different := m.different(); different*cried <= n {
		return different
	}
	return n
}

func lengthToll(words int, voice float64) float64 {
	if words <= tollFree {
		return 0
	}
	rate := tollMute
	if voice >= heard {
		rate = tollVoice
	}
	return rate * math.Log2(float64(words)/tollFree)
}

// markWeight is what a question or an exclamation adds to the voice.
const markWeight = 0.5

// imperativeWeight is what a demand adds to the voice.
const imperativeWeight = 0.7

func (ws *signalWords) shapeOfVoice(d *text.Doc) float64 {
	voice := 0.0
	if d.Shape.Questions > 0 {
		voice += markWeight
	}
	if d.Shape.Exclaims > 0 {
		voice += markWeight
	}
	if ws.hasOrder(d) {
		voice += imperativeWeight
	}
	return voice
}

// hasOrder: the author, not an advertisement, tells somebody to do something.
func (ws *signalWords) hasOrder(d *text.Doc) bool {
	return d.Shape.Links == 0 && d.Shape.LatinWords == 0 && ws.hasImperative(d)
}

// hasImperative: somebody is told to do something («повесьте», «постройте»).
// The calls of advertising («смотрите») are signals of their own.
func (ws *signalWords) hasImperative(d *text.Doc) bool {
	for pos := range d.Words {
		w := d.Word(pos)
		if !strings.HasSuffix(w, "те") || len(w) < 10 {
			continue
		}
		if (strings.HasSuffix(w, "йте") || strings.HasSuffix(w, "ьте") || strings.HasSuffix(w, "ите")) && !ws.calls.has(w) {
			return true
		}
	}
	return false
}

// refusalWeight is what somebody's not doing something adds to a complaint.
const refusalWeight = 1.0

// hasRefusal: somebody does not do a thing («не выдают», «не показывает»).
func hasRefusal(d *text.Doc) bool {
	for pos := 1; pos < len(d.Words); pos++ {
		if d.Word(pos-1) != "не" {
			continue
		}
		w := d.Word(pos)
		for _, ending := range [...]string{"ют", "ут", "ят", "ат", "ет", "ит"} {
			if len(w) >= 8 && strings.HasSuffix(w, ending) {
				return true
			}
		}
	}
	return false
}

// reportWeight is what an office that did something adds to news.
const reportWeight = 1.0

// Where a report names who acted, counted in words from the beginning, and how
// far behind the deed follows.
const (
	reportStart = 4
	reportReach = 3
)

// hasReport: the text begins with an office or its men and what they did
// («Депутаты утвердили», «Минздрав отчитался»). What they did not do is a
// complaint.
func (ws *signalWords) hasReport(d *text.Doc) bool {
	for pos := range min(reportStart, len(d.Words)) {
		if !ws.offices.has(d.Word(pos)) {
			continue
		}
		for next := pos + 1; next <= pos+reportReach && next < len(d.Words); next++ {
			switch w := d.Word(next); {
			case w == "не" || w == "ни":
				return false
			case isPast(w):
				return true
			}
		}
	}
	return false
}

func isPast(w string) bool {
	w = strings.TrimSuffix(strings.TrimSuffix(w, "ся"), "сь")
	return len(w) >= 8 && (strings.HasSuffix(w, "ил") || strings.HasSuffix(w, "ал") || strings.HasSuffix(w, "ел") ||
		strings.HasSuffix(w, "ила") || strings.HasSuffix(w, "ала") || strings.HasSuffix(w, "ела") ||
		strings.HasSuffix(w, "или") || strings.HasSuffix(w, "али") || strings.HasSuffix(w, "ели") ||
		strings.HasSuffix(w, "ило") || strings.HasSuffix(w, "ало"))
}

// Shape weights. A link speaks most clearly: complaints hold one in a hundred.
const (
	linkWeight    = 1.5
	hashtagWeight = 0.5
	latinWeight   = 1.0 // from latinWords words on
	headingWeight = 1.0 // the text begins with an emoji, as headlines do
	typesetWeight = 1.0 // dashes or bold letters of an edited text
	laughWeight   = 1.0 // laughing faces
	paragraphs    = 0.5 // parts set off by empty lines
	latinWords    = 2
)

// shapeOfOther: news and advertising link, tag, decorate and typeset.
func (ws *signalWords) shapeOfOther(d *text.Doc) float64 {
	s := &d.Shape
	score := 0.0
	add := func(is bool, weight float64) {
		if is {
			score += weight
		}
	}
	add(s.Links > 0, linkWeight)
	add(s.Hashtags > 1, hashtagWeight)
	add(s.LatinWords >= latinWords, latinWeight)
	add(s.Heading, headingWeight)
	add(s.Dashes > 0 || s.Bold > 0, typesetWeight)
	add(s.Paragraphs > 1, paragraphs)
	add(ws.laughs(d), laughWeight)
	return score
}
