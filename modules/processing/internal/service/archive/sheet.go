package archive

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"

	"github.com/fiapx/fiapx/modules/processing/internal/domain"
)

// ThumbWidth is the width of the small pictures of which sheets and storyboards are made.
const ThumbWidth = domain.ThumbWidth

const (
	sheetName = "contact_sheet"
	boardName = "storyboard"

	columnsOfSheet = 10
	rowsOfSheet    = 10
	maxSheetHeight = 6400 // pixels: of very tall pictures fewer rows fit, so that a page in memory stays small
	sheetQuality   = 85
)

// sheets makes pages of small pictures. One page is in memory; it is written as soon as the next picture finds it full.
// A page serves as contact sheet and as sprite of the storyboard alike.
type sheets struct {
	contact bool
	board   *storyboard // nil when none is wanted
	page    page
	pages   int // written
}

func newSheets(o Options) *sheets {
	s := &sheets{contact: o.ContactSheet}
	if o.Storyboard {
		s.board = newStoryboard(o.Params)
	}
	return s
}

func (s *sheets) add(to container, img domain.Image) error {
	if w, h := img.ThumbWidth, img.ThumbHeight; w <= 0 || h <= 0 || len(img.Thumb) != 3*w*h {
		return fmt.Errorf("image %d came without its small picture", img.Index)
	}
	if s.page.full() {
		if err := s.flush(to, true); err != nil {
			return err
		}
	}
	if s.page.used == 0 {
		s.page.start(img.ThumbWidth, img.ThumbHeight)
	}
	at := s.page.draw(img)
	if s.board == nil {
		return nil
	}
	return s.board.add(img.Instant, cue{page: s.pages + 1, at: at})
}

func (s *sheets) close(to container, r domain.Report) error {
	if s.page.used > 0 {
		if err := s.flush(to, s.pages > 0); err != nil {
			return err
		}
	}
	if s.board == nil {
		return nil
	}
	return s.board.close(to, r)
}

// flush writes the page. A contact sheet that is the only one has no number.
func (s *sheets) flush(to container, several bool) error {
	s.pages++
	data, err := s.page.encode()
	if err != nil {
		return fmt.Errorf("encode sheet %d: %w", s.pages, err)
	}
	var names []string
	switch {
	case s.contact && several:
		names = append(names, pageName(sheetName, s.pages))
	case s.contact:
		names = append(names, sheetName+".jpg")
	}
	if s.board != nil {
		names = append(names, pageName(boardName, s.pages))
	}
	for _, name := range names {
		if err := to.add(name, data); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
	}
	s.page.used = 0
	return nil
}

func pageName(base string, number int) string { return fmt.Sprintf("%s_%03d.jpg", base, number) }

// page is a grid of small pictures, row by row.
type page struct {
	pixels     *image.RGBA
	cell       image.Point
	rows, used int
}

func (p *page) full() bool { return p.used > 0 && p.used == p.rows*columnsOfSheet }

// start begins a page of cells of that size, in the memory of the one before if that fits.
func (p *page) start(w, h int) {
	h = min(h, maxSheetHeight)
	if p.pixels == nil || p.cell != image.Pt(w, h) {
		p.cell, p.rows = image.Pt(w, h), min(rowsOfSheet, maxSheetHeight/h)
		p.pixels = image.NewRGBA(image.Rect(0, 0, w*columnsOfSheet, h*p.rows))
	}
	clear(p.pixels.Pix)
}

// draw puts a picture into the next cell and tells where that is. What is larger than the cell is cut off.
func (p *page) draw(img domain.Image) image.Rectangle {
	corner := image.Pt(p.used%columnsOfSheet*p.cell.X, p.used/columnsOfSheet*p.cell.Y)
	p.used++
	w, h := min(img.ThumbWidth, p.cell.X), min(img.ThumbHeight, p.cell.Y)
	for y := range h {
		from := img.Thumb[3*y*img.ThumbWidth:]
		to := p.pixels.Pix[p.pixels.PixOffset(corner.X, corner.Y+y):]
		for x := range w {
			copy(to[4*x:4*x+3], from[3*x:3*x+3])
			to[4*x+3] = 0xff
		}
	}
	return image.Rectangle{Min: corner, Max: corner.Add(p.cell)}
}

// encode gives the used part of the page.
func (p *page) encode() ([]byte, error) {
	rows := (p.used + columnsOfSheet - 1) / columnsOfSheet
	used := image.Rect(0, 0, min(p.used, columnsOfSheet)*p.cell.X, rows*p.cell.Y)
	var out bytes.Buffer
	err := jpeg.Encode(&out, p.pixels.SubImage(used), &jpeg.Options{Quality: sheetQuality})
	return out.Bytes(), err
}
