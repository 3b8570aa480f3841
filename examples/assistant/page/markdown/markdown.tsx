import { memo, type ReactElement, type ReactNode } from "react";
import { splitBlocks } from "./blocks.js";
import { CodeBlock } from "./code-block.js";
import type { Block } from "./lines.js";
import { Pieces } from "./pieces.js";
import { Table } from "./table.js";

/** How deep quotes and lists may be within each other. What is deeper is shown as it was written. */
const DEEPEST = 6;

interface MarkdownProps {
  text: string;
  /** Whether more of it comes. */
  isGrowing?: boolean;
  /** How many quotes and lists it is in. */
  depth?: number;
}

/** A text in Markdown. While it grows, only its last block is rendered again. */
export const Markdown = memo(function Markdown({ text, isGrowing = false, depth = 0 }: MarkdownProps): ReactElement {
  if (depth > DEEPEST) return <p>{text}</p>;
  const blocks = splitBlocks(text);
  const topLevel = blocks.map(({ block }) => (block.kind === "heading" ? block.level : undefined)).find(Boolean) ?? 1;
  return (
    <div className="markdown" dir="auto">
      {blocks.map(({ source }, at) => (
        <BlockView
          // biome-ignore lint/suspicious/noArrayIndexKey: the blocks of a text have no other order
          key={at}
          text={source}
          isGrowing={isGrowing && at === blocks.length - 1}
          depth={depth}
          topLevel={topLevel}
        />
      ))}
    </div>
  );
});

interface BlockProps extends Required<MarkdownProps> {
  /** The level of the first heading of the text. */
  topLevel: number;
}

/** One block, by its source: that is the same while the block is, so it is not rendered again. */
const BlockView = memo(function BlockView({ text, ...place }: BlockProps): ReactNode {
  const [first] = splitBlocks(text);
  return first && toElement(first.block, place);
});

function toElement(block: Block, { isGrowing, depth, topLevel }: Omit<BlockProps, "text">): ReactNode {
  switch (block.kind) {
    case "heading": {
      // Whatever level an answer begins with, none is left out: the page has the first two.
      const Heading = block.level <= topLevel ? "h3" : "h4";
      return (
        <Heading>
          <Pieces text={block.text} isGrowing={isGrowing} />
        </Heading>
      );
    }
    case "paragraph":
      return (
        <p>
          <Pieces text={block.text} isGrowing={isGrowing} />
        </p>
      );
    case "code":
      return <CodeBlock language={block.language} text={block.text} />;
    case "quote":
      return (
        <blockquote>
          <Markdown text={block.text} isGrowing={isGrowing} depth={depth + 1} />
        </blockquote>
      );
    case "list":
      return toList(block, isGrowing, depth);
    case "table":
      return <Table head={block.head} rows={block.rows} isGrowing={isGrowing} />;
    case "rule":
      return <hr />;
  }
}

function toList({ isOrdered, start, items }: Block & { kind: "list" }, isGrowing: boolean, depth: number): ReactNode {
  const List = isOrdered ? "ol" : "ul";
  return (
    <List {...(isOrdered && start !== 1 && { start })}>
      {items.map((item, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the items of a list have no other order
        <li key={at}>{toItem(item, isGrowing && at === items.length - 1, depth)}</li>
      ))}
    </List>
  );
}

/** An item begins with its text. What belongs to it follows. */
function toItem(item: string, isGrowing: boolean, depth: number): ReactNode {
  const [first, ...others] = splitBlocks(item);
  if (first?.block.kind !== "paragraph") return <Markdown text={item} isGrowing={isGrowing} depth={depth + 1} />;
  const rest = others.map(({ source }) => source).join("\n\n");
  return (
    <>
      <Pieces text={first.block.text} isGrowing={isGrowing && rest === ""} />
      {rest !== "" && <Markdown text={rest} isGrowing={isGrowing} depth={depth + 1} />}
    </>
  );
}
