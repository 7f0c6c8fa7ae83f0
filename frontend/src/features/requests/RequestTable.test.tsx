import { MantineProvider } from "@mantine/core";
import { fireEvent, render, screen, within } from "@testing-library/react";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { startI18n } from "@/i18n/i18n";
import { exchange } from "@/testing/samples";
import "@/testing/render";
import { columns, type Row } from "./columns";
import { RequestTable } from "./RequestTable";

beforeAll(() => startI18n("en"));

function renderTable(rows: Row[], activeId = 0, markedId = 0) {
  const calls = { onActivate: vi.fn(), onOpen: vi.fn(), onMark: vi.fn(), onNearEnd: vi.fn() };
  render(
    <MantineProvider env="test">
      <RequestTable rows={rows} activeId={activeId} markedId={markedId} readingOlder={false} {...calls} />
    </MantineProvider>,
  );
  return { grid: screen.getByRole("grid"), ...calls };
}

const many = (count: number) => Array.from({ length: count }, (_, index) => exchange(count - index));

describe("RequestTable", () => {
  it("holds 100,000 lines with only those in sight in the document", () => {
    const { grid, onNearEnd } = renderTable(many(100_000));
    expect(grid.getAttribute("aria-rowcount")).toBe("100001");
    const lines = within(grid).getAllByRole("row").length - 1;
    expect(lines).toBeGreaterThan(15);
    expect(lines).toBeLessThan(60);
    expect(onNearEnd).not.toHaveBeenCalled();
  });

  it("asks for older lines before the end is reached", () => {
    expect(renderTable(many(50)).onNearEnd).toHaveBeenCalled();
  });

  it("has a cell for every column", async () => {
    const { grid } = renderTable([exchange(1)]);
    await screen.findByText("Cached");
    const headings = within(grid).getAllByRole("columnheader");
    expect(headings).toHaveLength(columns.length);
    expect(
      within(grid)
        .getAllByRole("gridcell")
        .map((cell) => cell.textContent),
    ).toEqual([
      expect.stringMatching(/^\d\d:\d\d:\d\d$/),
      "continue",
      "demo/chat → chat",
      "Demo",
      "200 OK",
      "",
      "21",
      "158",
      "4",
      "120 ms",
      "1.50 s",
      "1",
    ]);
  });

  it("says every state in words, not only in colour", () => {
    const states = [200, 429, 499, 502].map((status, index) => exchange(9 - index, { status }));
    const { grid } = renderTable([exchange(10, { running: true, status: 0 }), ...states]);
    for (const words of ["Running", "200 OK", "429 Refused", "499 Canceled", "502 Failed"]) {
      expect(
        within(grid).getByText(
          (_, element) => element?.textContent === words && element.hasAttribute("data-tone"),
        ),
      ).toBeTruthy();
    }
  });

  it("counts the bytes of a stream whose tokens are not known yet", () => {
    const { tokensOut, ...unknown } = exchange(1, { running: true, status: 0, bytesOut: 3482 });
    renderTable([{ ...unknown, readAt: performance.now() }]);
    expect(screen.getByText("3.4 KB")).toBeTruthy();
  });

  it("moves with the arrows and opens with Enter", () => {
    const { grid, onActivate, onOpen } = renderTable(many(20), 15);
    expect(grid.getAttribute("aria-activedescendant")).toBe("request-15");
    fireEvent.keyDown(grid, { key: "ArrowDown" });
    expect(onActivate).toHaveBeenLastCalledWith(14);
    fireEvent.keyDown(grid, { key: "ArrowUp" });
    expect(onActivate).toHaveBeenLastCalledWith(16);
    fireEvent.keyDown(grid, { key: "End" });
    expect(onActivate).toHaveBeenLastCalledWith(1);
    fireEvent.keyDown(grid, { key: "Enter" });
    expect(onOpen).toHaveBeenCalledWith(15);
  });

  it("opens what is clicked", () => {
    const { grid, onOpen } = renderTable(many(3));
    const line = within(grid).getAllByRole("row")[2];
    if (line) fireEvent.click(line);
    expect(onOpen).toHaveBeenCalledWith(2);
  });

  it("marks the line that the arrows stand on, by C and by space, and says which is marked", () => {
    const { grid, onMark, onOpen } = renderTable(many(3), 2, 3);
    fireEvent.keyDown(grid, { key: "c" });
    fireEvent.keyDown(grid, { key: " " });
    fireEvent.keyDown(grid, { key: "c", ctrlKey: true });
    expect(onMark.mock.calls).toEqual([[2], [2]]);
    expect(onOpen).not.toHaveBeenCalled();
    expect(within(grid).getAllByText("marked to compare")).toHaveLength(1);
  });
});
