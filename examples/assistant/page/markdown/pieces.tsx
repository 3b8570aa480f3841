import type { ReactNode } from "react";
import { type Inline, parseInline } from "./inline.js";

/** The text of a block: plain, emphasised, code and links. React makes it elements and text, and nothing of it HTML. */
export function Pieces({ text, isGrowing }: { text: string; isGrowing: boolean }): ReactNode {
  return parseInline(text, isGrowing).map(toPiece);
}

function toPiece(piece: Inline, at: number): ReactNode {
  switch (piece.kind) {
    case "text":
      return piece.text;
    case "code":
      return <code key={at}>{piece.text}</code>;
    case "strong":
      return <strong key={at}>{piece.content.map(toPiece)}</strong>;
    case "emphasis":
      return <em key={at}>{piece.content.map(toPiece)}</em>;
    case "strike":
      return <s key={at}>{piece.content.map(toPiece)}</s>;
    case "break":
      return <br key={at} />;
    case "link":
      return (
        <a key={at} href={piece.href} target="_blank" rel="noopener noreferrer nofollow" dir="auto">
          {piece.content.map(toPiece)}
        </a>
      );
  }
}
