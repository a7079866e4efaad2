// Package rules holds the region packs: the decree's categories, the phrases
// that find them, the bodies that answer, the routes, the gazetteer, the
// working calendar. A pack is an immutable value; a third region is one new
// folder and no Go.
package rules

import (
	"time"

	"github.com/otklik/otklik/domain"
)

// Pack is one region's rules, loaded and checked. It never changes after Load.
type Pack struct {
	Hash       string // of every file that went into it, hex SHA-256
	Region     Region
	Categories []Category // the decree's rows in its own order; Row is 1..n
	Topics     []Topic    // all topics this region uses: of rows, and ordinary order
	Signals    Signals    // kind and urgency
	Agencies   []Agency
	Routes     []Route // first match wins
	Gazetteer  Gazetteer
	Calendar   *domain.Calendar

	folder string               // of the pack's own files
	years  map[int]calendarYear // as written
	at     map[string]Pos       // where single keys were written: "region.zone", "calendar"
}

// Pos is a place in a pack's files.
type Pos struct {
	File string
	Line int
}

// Region is region.yaml.
type Region struct {
	ID            string       `yaml:"id"`     // folder name: "khabarovsk"
	Code          string       `yaml:"code"`   // subject code, "27"; begins case numbers
	Name          string       `yaml:"name"`   // «Хабаровский край»
	Zone          string       `yaml:"zone"`   // IANA, "Asia/Vladivostok"
	Center        string       `yaml:"center"` // control centre's name in Russian
	Operator      Operator     `yaml:"operator"`
	Decree        Decree       `yaml:"decree"`
	Norms         Norms        `yaml:"norms"`
	Thresholds    Thresholds   `yaml:"thresholds"`
	Channels      Channels     `yaml:"channels"`
	Notices       NoticePolicy `yaml:"notices"`
	Learning      Learning     `yaml:"learning"`
	RetentionDays int          `yaml:"retention_days"` // of posts that are nobody's problem
	RecheckDays   int          `yaml:"recheck_days"`   // posts are looked at again for this long

	Location *time.Location `yaml:"-"`
}

// Decree is the act the categories come from.
type Decree struct {
	Number    string   `yaml:"number"`     // "232-рп"
	Title     string   `yaml:"title"`      //
	Date      string   `yaml:"date"`       // "2023-04-14"
	ValidFrom string   `yaml:"valid_from"` //
	ValidTo   string   `yaml:"valid_to"`   // "" = open
	Status    string   `yaml:"status"`     // what is known of its force, Russian
	Scope     []string `yaml:"scope"`      // open_sources, epgu
	RowCite   string   `yaml:"row_cite"`   // «строка %d Перечня, утв. распоряжением 232-рп»
}

// Norms are the pack values of law.md R1–R11.
type Norms struct {
	OrdinaryDays       int    `yaml:"ordinary_days"`        // R11
	OrdinaryCite       string `yaml:"ordinary_cite"`        // reason text, does not cite 59-ФЗ
	NonWorking         string `yaml:"non_working"`          // R3: keep, previous, next
	FirstReactionHours int    `yaml:"first_reaction_hours"` // working hours
	ClarifyDays        int    `yaml:"clarify_days"`
	SatisfactionDays   int    `yaml:"satisfaction_days"`
	SendBackLimit      int    `yaml:"send_back_limit"` // R5
}

// Thresholds decide what may be assigned unseen.
type Thresholds struct {
	AssignConfidence float64 `yaml:"assign_confidence"`
	AssignMargin     float64 `yaml:"assign_margin"`
	ProblemScore     float64 `yaml:"problem_score"` // kind: see Signals
}

// Channels is what may be said where (law.md §4).
type Channels struct {
	VK       Channel `yaml:"vk"`
	MAX      Channel `yaml:"max"`
	Telegram Channel `yaml:"telegram"`
}

// Operator is who answers for personal data of citizens who write to the bot: their
// consent names it and its address (152-ФЗ ст. 9 ч. 4). Without it no dialog is open.
type Operator struct {
	Name    string `yaml:"name"`    // «Министерство … края», in full
	Address string `yaml:"address"` // where one can write to it on paper
	Basis   string `yaml:"basis"`   // the act that says so, or "assumption"; may be empty
}

// Named reports whether a consent can be asked for.
func (o Operator) Named() bool { return o.Name != "" && o.Address != "" }

// Assumed reports that nobody has confirmed the operator yet.
func (o Operator) Assumed() bool { return o.Named() && o.Basis == "assumption" }

// Allows reports whether words may go out on a platform in this way: the channel is
// on, and for a dialog the operator is named.
func (r *Region) Allows(platform domain.Platform, way domain.Way) bool {
	return r.Channels.Allows(platform, way) && (way != domain.WayDialog || r.Operator.Named())
}

// Unnamed reports a dialog that the channels allow and the missing operator closes.
func (r *Region) Unnamed(platform domain.Platform) bool {
	return r.Channels.Allows(platform, domain.WayDialog) && !r.Operator.Named()
}

// Allows reports whether words may go out on a platform in this way. Telegram
// needs a recorded decision besides (41-ФЗ, law.md §4).
func (c Channels) Allows(platform domain.Platform, way domain.Way) bool {
	var on Channel
	switch platform {
	case domain.VK:
		on = c.VK
	case domain.MAX:
		on = c.MAX
	case domain.Telegram:
		if on = c.Telegram; on.Decision == "" || on.Signer == "" {
			return false
		}
	}
	switch way {
	case domain.WayDialog:
		return on.Dialog
	case domain.WayStaff:
		return on.Staff
	case domain.WayPublic:
	}
	return on.Public
}

// Reads reports whether what is written on a platform is read.
func (c Channels) Reads(platform domain.Platform) bool {
	switch platform {
	case domain.VK:
		return c.VK.Read
	case domain.MAX:
		return c.MAX.Read
	case domain.Telegram:
		return c.Telegram.Read
	}
	return false
}

// Channel switches; Decision names the document that allowed them, where needed.
type Channel struct {
	Read     bool   `yaml:"read"`
	Public   bool   `yaml:"public"`
	Dialog   bool   `yaml:"dialog"`
	Staff    bool   `yaml:"staff"`
	Decision string `yaml:"decision"`
	Signer   string `yaml:"signer"`
}

// NoticePolicy says when the cron notices go out, local time, cron syntax.
type NoticePolicy struct {
	Deadlines string `yaml:"deadlines"` // "*/10 * * * *"
	Digest    string `yaml:"digest"`    // "30 8 * * MON-FRI": MON-FRI are the calendar's working days
}

// Learning says when the region's models are learned by themselves: never, unless it
// is asked for.
type Learning struct {
	Cron   string   `yaml:"cron"`   // "0 3 * * SUN", local time; "" never
	Labels []string `yaml:"labels"` // row, kind; both when empty
}

// All are the labels that are learned.
func (l Learning) All() []string {
	if len(l.Labels) == 0 {
		return LearnedLabels()
	}
	return l.Labels
}

// LearnedLabels are those whose models stand beside the phrases.
func LearnedLabels() []string { return []string{"row", "kind"} }

// Category is a row of the decree, its own number and wording kept verbatim.
type Category struct {
	Row         int      `yaml:"row"`
	Category    string   `yaml:"category"`
	Subcategory string   `yaml:"subcategory"`
	Days        int      `yaml:"days"`
	Topics      []string `yaml:"topics"`     // topics whose posts belong here
	Alias       string   `yaml:"alias"`      // the same category under another name
	Restricted  string   `yaml:"restricted"` // reason; such a case is never dispatched unseen
	Health      bool     `yaml:"health"`     // carries health data
	Beyond      string   `yaml:"beyond"`     // whose power it is when not the region's; answer «разъяснено»
	Praise      bool     `yaml:"praise"`     // thanks open a case here (row 99 of Khabarovsk)

	File string `yaml:"-"`
	Line int    `yaml:"-"`
}

// Topic is a kind of problem with the phrases that find it. Topics are shared
// by regions (rules/topics) or a pack's own (<pack>/topics); a topic no row of
// the decree names is ordinary order.
type Topic struct {
	ID      string   `yaml:"id"`     // "roads.potholes"
	Title   string   `yaml:"title"`  // Russian, shown for ordinary order
	Praise  bool     `yaml:"praise"` // words of thanks: never a problem, whatever row it belongs to
	Phrases []Phrase `yaml:"phrases"`
	Match   []string `yaml:"match"` // sentences that must give this topic
	Miss    []string `yaml:"miss"`  // sentences that must not

	File      string `yaml:"-"`
	Line      int    `yaml:"-"`
	MatchLine []int  `yaml:"-" lines:"match"` // line of each of Match
	MissLine  []int  `yaml:"-" lines:"miss"`  // line of each of Miss
}

// Phrase adds Weight to its topic when it is found. A term is one word pattern
// or several: «яма», «выбоин*», «не|нету вывозят|убирают мусор|хлам». See
// docs/packs.md for the grammar.
type Phrase struct {
	All    []string `yaml:"all"`    // every term in the post
	Any    []string `yaml:"any"`    // at least one in the post
	Near   []string `yaml:"near"`   // every term within Within words of one sentence
	Within int      `yaml:"within"` // default 6
	Not    []string `yaml:"not"`    // none of these in the post
	Weight float64  `yaml:"weight"` // default 1; negative speaks against

	File string `yaml:"-"`
	Line int    `yaml:"-"`
}

// Signals are the phrases that tell kinds and urgency apart (the files
// topics/signals*.yaml and the pack's own additions).
type Signals struct {
	Voice   []Phrase `yaml:"voice"`   // who speaks to whom: appeals, questions, first person; adds to problem
	Problem []Phrase `yaml:"problem"` // what is wrong
	Thanks  []Phrase `yaml:"thanks"`
	Mockery []Phrase `yaml:"mockery"` // thanks that have it are perhaps scorn; negative: what was done well
	Other   []Phrase `yaml:"other"`   // news, report, advertising, greeting, joke
	Calm    []Phrase `yaml:"calm"`    // speaks against any danger: over, past, reported, a figure of speech
	Urgent  []Urgent `yaml:"urgent"`
	Events  []Event  `yaml:"events"` // what befalls a whole place at once

	Words SignalWords `yaml:"words"` // lists behind the shape of a text

	Ideas []Idea `yaml:"-"` // sentences to learn from: topics/examples/*.yaml
}

// Idea is a handful of sentences that teach the classifier what lists of words
// cannot hold; no test hangs on a single one. What an author wrote on one idea
// stays together when learning is checked on sentences left out.
type Idea struct {
	Idea     string   `yaml:"idea"` // unique
	Danger   []string `yaml:"danger"`
	Harmless []string `yaml:"harmless"` // sounds like danger, or is everyday trouble; of any kind
	Problem  []string `yaml:"problem"`  // complaints in odd forms
	Other    []string `yaml:"other"`    // news, advertising, talk
	Thanks   []string `yaml:"thanks"`

	File string `yaml:"-"`
	Line int    `yaml:"-"`
}

// SignalWords are lists of single words in lower case; a final * stands for any
// ending, one at both ends for any surroundings.
type SignalWords struct {
	Offices  []string `yaml:"offices"`  // who acts in a report: «депутат*»
	Calls    []string `yaml:"calls"`    // imperatives that demand nothing: «смотрите»
	Laughter []string `yaml:"laughter"` // laughing faces, one character each

	// Who or what is lost (Urgent.Persons).
	Lost     []string `yaml:"lost"`      // «пропал*», «не_вернулся»
	Sought   []string `yaml:"sought"`    // «найти», of what somebody else has lost
	Persons  []string `yaml:"persons"`   // «ребен*»
	Sexes    []string `yaml:"sexes"`     // of persons and animals: «мальчик*»
	Pets     []string `yaml:"pets"`      // «собак*», breeds; *…* stands for a part
	PetMarks []string `yaml:"pet_marks"` // what only animals have: «кличк*»

	File string `yaml:"-"`
	Line int    `yaml:"-"`
}

// add puts another file's signals behind these.
func (s *Signals) add(more *Signals) {
	s.Voice = append(s.Voice, more.Voice...)
	s.Problem = append(s.Problem, more.Problem...)
	s.Thanks = append(s.Thanks, more.Thanks...)
	s.Mockery = append(s.Mockery, more.Mockery...)
	s.Other = append(s.Other, more.Other...)
	s.Calm = append(s.Calm, more.Calm...)
	s.Urgent = append(s.Urgent, more.Urgent...)
	s.Events = append(s.Events, more.Events...)
	s.Words.Offices = append(s.Words.Offices, more.Words.Offices...)
	s.Words.Calls = append(s.Words.Calls, more.Words.Calls...)
	s.Words.Laughter = append(s.Words.Laughter, more.Words.Laughter...)
	s.Words.Lost = append(s.Words.Lost, more.Words.Lost...)
	s.Words.Sought = append(s.Words.Sought, more.Words.Sought...)
	s.Words.Persons = append(s.Words.Persons, more.Words.Persons...)
	s.Words.Sexes = append(s.Words.Sexes, more.Words.Sexes...)
	s.Words.Pets = append(s.Words.Pets, more.Words.Pets...)
	s.Words.PetMarks = append(s.Words.PetMarks, more.Words.PetMarks...)
	s.Ideas = append(s.Ideas, more.Ideas...)
}

// Urgent is one danger to life or health.
type Urgent struct {
	ID      string   `yaml:"id"`      // "gas"
	Title   string   `yaml:"title"`   // «запах газа»
	Persons bool     `yaml:"persons"` // it is about persons: a lost animal is none
	Phrases []Phrase `yaml:"phrases"`
	Match   []string `yaml:"match"`
	Miss    []string `yaml:"miss"`

	File      string `yaml:"-"`
	Line      int    `yaml:"-"`
	MatchLine []int  `yaml:"-" lines:"match"`
	MissLine  []int  `yaml:"-" lines:"miss"`
}

// Event is something that befalls a whole place at once: of its cases the machine makes
// a story.
type Event struct {
	ID      string   `yaml:"id"`    // "wind"
	Title   string   `yaml:"title"` // «Ветер», as stories begin
	Phrases []Phrase `yaml:"phrases"`

	File string `yaml:"-"`
	Line int    `yaml:"-"`
}

// Agency is a body that answers.
type Agency struct {
	ID        string   `yaml:"id"`
	Name      string   `yaml:"name"`
	Short     string   `yaml:"short"`
	Kind      string   `yaml:"kind"`      // control_center, ministry, committee, department, inspection, administration, institution, operator, federal
	Parent    string   `yaml:"parent"`    // id
	Territory []string `yaml:"territory"` // municipality ids; empty = whole region
	ValidFrom string   `yaml:"valid_from"`
	ValidTo   string   `yaml:"valid_to"`
	Basis     string   `yaml:"basis"` // source of the fact, or "assumption"
	Roles     Roles    `yaml:"roles"`
	// Approval is "none" where answers need no second person; "" is the rule:
	// whoever approves an answer has not written it.
	Approval string `yaml:"approval"`

	File string `yaml:"-"`
	Line int    `yaml:"-"`
}

// Roles are posts, never invented people.
type Roles struct {
	Head        string `yaml:"head"`        // руководитель
	Deputy      string `yaml:"deputy"`      // замещающий
	Coordinator string `yaml:"coordinator"` // координатор
	Curator     string `yaml:"curator"`     // куратор
}

// Route sends category × territory to a body. Empty Rows and Topics match all;
// the last route of a pack is the default.
type Route struct {
	ID             string   `yaml:"id"`
	Rows           []string `yaml:"rows"`   // "3", "17-33"; "0" = ordinary order
	Topics         []string `yaml:"topics"` // topic ids or "roads.*", for ordinary order
	Municipalities []string `yaml:"municipalities"`
	To             string   `yaml:"to"`        // agency id, or "municipality" = the administration of the place
	Otherwise      string   `yaml:"otherwise"` // with "municipality": body when the place is unknown
	Outcome        string   `yaml:"outcome"`   // "explained" for rows beyond the region's power
	Basis          string   `yaml:"basis"`     // decree point, source, or "assumption"

	File string `yaml:"-"`
	Line int    `yaml:"-"`
}

// Gazetteer is the region's geography.
type Gazetteer struct {
	Municipalities []Municipality `yaml:"municipalities"`
	Settlements    []Settlement   `yaml:"settlements"`
	Streets        []KnownStreet  `yaml:"streets"`
	StreetTypes    []StreetType   `yaml:"street_types"`
	Elsewhere      []string       `yaml:"elsewhere"` // other regions' towns and regions, not to be taken
	// ElsewhereAmbiguous are those that are also words or people's names
	// («Владимир»): they need their type or a preposition.
	ElsewhereAmbiguous []string `yaml:"elsewhere_ambiguous"`

	ElsewhereLine []int `yaml:"-" lines:"elsewhere"`
	AmbiguousLine []int `yaml:"-" lines:"elsewhere_ambiguous"`
	// where the names stand; a gazetteer may be of several files
	elsewhereAt, ambiguousAt []Pos
}

// Municipality is a second-level unit.
type Municipality struct {
	ID        string     `yaml:"id"`   // "khabarovsk-city", "lazo"
	Name      string     `yaml:"name"` // official
	Kind      string     `yaml:"kind"` // городской округ, муниципальный район, муниципальный округ
	Agency    string     `yaml:"agency"`
	Center    string     `yaml:"center"`     // main settlement
	Forms     []string   `yaml:"forms"`      // «район имени Лазо», «Лазовский район»
	Districts []District `yaml:"districts"`  // of a city
	Pop       int        `yaml:"population"` // 2020 census

	File string `yaml:"-"`
	Line int    `yaml:"-"`
}

// District is a part of a city, official or colloquial.
type District struct {
	Name      string   `yaml:"name"`
	Forms     []string `yaml:"forms"`
	Ambiguous bool     `yaml:"ambiguous"` // also a common word: needs its type or a preposition
}

// Settlement is a town, village or station.
type Settlement struct {
	Name         string   `yaml:"name"` // «Переяславка»
	Type         string   `yaml:"type"` // город, рп, пгт, с, п, ст, …
	Municipality string   `yaml:"municipality"`
	Forms        []string `yaml:"forms"` // colloquial: «Комса»; cases are made by the matcher
	Pop          int      `yaml:"population"`
	Ambiguous    bool     `yaml:"ambiguous"` // a common word or name: needs its type or context

	File string `yaml:"-"`
	Line int    `yaml:"-"`
}

// KnownStreet ties a street name to a settlement where that helps.
type KnownStreet struct {
	Name       string   `yaml:"name"`
	Settlement string   `yaml:"settlement"`
	Forms      []string `yaml:"forms"`

	File string `yaml:"-"`
	Line int    `yaml:"-"`
}

// StreetType is улица, проспект, … with its abbreviations.
type StreetType struct {
	Name  string   `yaml:"name"`
	Forms []string `yaml:"forms"`

	File string `yaml:"-"`
	Line int    `yaml:"-"`
}
