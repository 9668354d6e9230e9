"use strict";
(function () {
  var table = document.getElementById("findings");
  var form = document.getElementById("filters");
  if (!table || !form) { return; }
  var body = table.tBodies[0];
  var rows = Array.prototype.slice.call(body.rows);
  var status = document.getElementById("shown");
  var total = Number(status.dataset.total);

  // Search without accents: "y te" finds "Y tế"; đ has no decomposition and is mapped by hand.
  function plain(text) {
    return text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/đ/g, "d").replace(/Đ/g, "D").toLowerCase();
  }
  var texts = rows.map(function (row) { return plain(row.textContent); });

  function vietnamese(count) { return String(count).replace(/\B(?=(\d{3})+$)/g, "."); }

  function filter() {
    var words = plain(form.elements.search.value).split(/\s+/).filter(Boolean);
    var wanted = ["severity", "agency", "group", "topic", "urgency", "duty", "state"].map(function (key) { return [key, form.elements[key].value]; });
    var shown = 0;
    rows.forEach(function (row, index) {
      var fits = wanted.every(function (pair) { return !pair[1] || row.dataset[pair[0]] === pair[1]; }) &&
        words.every(function (word) { return texts[index].indexOf(word) >= 0; });
      row.hidden = !fits;
      if (fits) { shown += 1; }
    });
    status.textContent = "Đang hiện " + vietnamese(shown) + " trong tổng số " + vietnamese(total) + " việc.";
  }

  var collator = new Intl.Collator("vi", { numeric: true });
  var headers = table.tHead.rows[0].cells;
  function sort(column, descending) {
    Array.prototype.forEach.call(headers, function (cell) { cell.removeAttribute("aria-sort"); });
    headers[column].setAttribute("aria-sort", descending ? "descending" : "ascending");
    var keyed = rows.map(function (row, index) {
      var cell = row.cells[column];
      return { row: row, index: index, key: cell.dataset.key !== undefined ? cell.dataset.key : cell.textContent };
    });
    keyed.sort(function (a, b) { return (descending ? -1 : 1) * collator.compare(a.key, b.key) || a.index - b.index; });
    var fragment = document.createDocumentFragment();
    keyed.forEach(function (each) { fragment.appendChild(each.row); });
    body.appendChild(fragment);
  }
  function order() {
    var wanted = form.elements.order.value.split(" ");
    sort(Number(wanted[0]), wanted[1] === "descending");
  }

  form.hidden = false;
  form.addEventListener("input", filter);
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  form.addEventListener("reset", function () { window.setTimeout(function () { filter(); order(); }, 0); });
  form.elements.order.addEventListener("change", order);
  Array.prototype.forEach.call(table.querySelectorAll("th button"), function (button) {
    var header = button.closest("th");
    button.addEventListener("click", function () { sort(header.cellIndex, header.getAttribute("aria-sort") === "ascending"); });
  });
  filter();
}());
